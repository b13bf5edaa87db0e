"""What is known of the two languages: how words are folded and inflected, and lists of words. Shared by the stages that read text and names."""

"""Knowledge graphs from scholarly papers. Importing this package does nothing; each name is imported on first use."""

from __future__ import annotations

__version__ = "0.1.0"

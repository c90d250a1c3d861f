"""Order sheets into a provider's system, safely, with one answer per order."""

__version__ = "0.1.0"

//! SK-f: whatever is wrong with a request is named, precisely, and nothing is left behind.

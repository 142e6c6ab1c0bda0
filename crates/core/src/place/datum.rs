//! From the datum something came in to WGS84 and back.

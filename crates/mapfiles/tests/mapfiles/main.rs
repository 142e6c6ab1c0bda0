//! The tests of map files and tiles, in one binary: round trips of our own and through GDAL, hostile files, tiles.
//!
//! Nothing here needs a server. `ogrinfo` and `ogr2ogr` have to be installed: a test that finds none says so and fails.

mod gdal;
mod hostile;
mod round_trip;
mod support;
mod tiles;

//! Place: datums there and back, areas, covering, valid shapes, cutting and joining, the quality of a partition, the
//! nearest units.

mod datum;
mod made;
mod measure;
mod near;
mod overlay;
mod quality;
mod valid;

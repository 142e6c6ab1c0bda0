//! Place: datums there and back, areas, covering, valid shapes, cutting and joining, the quality of a partition.

mod datum;
mod near;

//! Builds again when the page was built again: the page is part of the program.

fn main() {
    println!("cargo:rerun-if-changed=../../web/dist");
}

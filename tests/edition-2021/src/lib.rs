//! A crate of edition 2021. Its tests are in `tests/`.

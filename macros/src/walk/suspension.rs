//! Whether code suspends.

use syn::{Block, Expr};

use super::find::{block_has, has};

/// Whether an expression contains a suspension, outside of closures and `async` blocks.
pub fn suspends(expr: &Expr) -> bool {
    has(expr, is_suspension)
}

/// As [`suspends`], for a block.
pub fn block_suspends(block: &Block) -> bool {
    block_has(block, is_suspension)
}

fn is_suspension(expr: &Expr) -> bool {
    matches!(expr, Expr::Await(_))
}

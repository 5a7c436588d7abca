//! The processor, as far as boards need it: sleeping, and what is known of interrupts.
//!
//! Each of the modules behind this one gives the same four things:
//!
//! | name | what it is |
//! |---|---|
//! | `sleep` | with interrupts masked: returns when one is pending, at once if one is |
//! | `in_interrupt` | whether a handler is running |
//! | `Watch` | whether an interrupt was served since it was started |
//! | `mask_interrupts` | for ever, before last words |

#[cfg(not(target_arch = "riscv32"))]
pub mod cortex_m;
#[cfg(not(target_arch = "riscv32"))]
pub use self::cortex_m::{Watch, in_interrupt, mask_interrupts, sleep};

#[cfg(target_arch = "riscv32")]
pub mod riscv;
#[cfg(target_arch = "riscv32")]
pub use self::riscv::{Watch, in_interrupt, mask_interrupts, sleep};

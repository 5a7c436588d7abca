//! Drivers: one block of hardware each, over a base address, for as many boards as have it.
//!
//! | file | what it is | found in |
//! |---|---|---|
//! | [`systick`] | counter, 24 bits | every Cortex-M but some M0 |
//! | [`gptm`] | alarm | Stellaris |
//! | [`cmsdk_timer`], [`cmsdk_dual_timer`] | counter; alarm | Arm's MPS2 |
//! | [`mps2_led`] | LED | Arm's MPS2 |
//! | [`pl011`], [`cmsdk_uart`] | UARTs | Stellaris, RP2040 and RP2350; Arm's MPS2 |

pub mod cmsdk_dual_timer;
pub mod cmsdk_timer;
#[cfg(not(target_arch = "riscv32"))]
pub mod cmsdk_uart;
pub mod gptm;
pub mod mps2_led;
#[cfg(not(target_arch = "riscv32"))]
pub mod pl011;
pub mod systick;

//! Drivers: one block of hardware each, over a base address, for as many boards as have it.
//!
//! | file | what it is | found in |
//! |---|---|---|
//! | [`systick`] | counter, 24 bits | every Cortex-M but some M0 |
//! | [`gptm`] | alarm | Stellaris |
//! | [`cmsdk_timer`], [`cmsdk_dual_timer`] | counter; alarm | Arm's MPS2 |
//! | [`mps2_led`] | LED | Arm's MPS2 |
//! | [`nrf_timer`], [`nrf_uart`], [`nrf_gpio`] | counter and alarm; UART; pin | nRF51, nRF52 |
//! | [`clint`], [`plic`], [`ns16550`] | counter and alarm; interrupts; UART | many RISC-V |
//! | [`stm32_timer`], [`stm32_usart`], [`stm32_gpio`] | counter and alarm; UART; pin | STM32F4, F2 |
//! | [`esp_systimer`], [`esp_uart`] | counter and alarm; UART | ESP32-C3 |
//! | [`rp_timer`] | counter and alarm | RP2040, RP2350 |
//! | [`pl011`], [`cmsdk_uart`] | UARTs | Stellaris, RP2040 and RP2350; Arm's MPS2 |

pub mod clint;
pub mod cmsdk_dual_timer;
pub mod cmsdk_timer;
#[cfg(not(target_arch = "riscv32"))]
pub mod cmsdk_uart;
pub mod esp_systimer;
pub mod esp_uart;
pub mod gptm;
pub mod mps2_led;
pub mod nrf_gpio;
#[cfg(not(target_arch = "riscv32"))]
pub mod nrf_timer;
#[cfg(not(target_arch = "riscv32"))]
pub mod nrf_uart;
pub mod ns16550;
#[cfg(not(target_arch = "riscv32"))]
pub mod pl011;
pub mod plic;
#[cfg(not(target_arch = "riscv32"))]
pub mod rp_timer;
pub mod stm32_gpio;
#[cfg(not(target_arch = "riscv32"))]
pub mod stm32_timer;
#[cfg(not(target_arch = "riscv32"))]
pub mod stm32_usart;
pub mod systick;

#[cfg(test)]
mod hostile;

//! The panic handler, and what to do about an exception: [last words](crate::fault), and the end with
//! [`FAILED`](crate::fault::FAILED).

use core::arch::asm;

use super::exit::exit;
use crate::fault::{FAILED, print};

#[cfg(feature = "handlers")]
#[panic_handler]
fn panic(info: &core::panic::PanicInfo) -> ! {
    super::mask_interrupts();
    print(format_args!("{info}\n"));
    exit(FAILED)
}

/// To be called by the handler of exceptions.
pub fn exception() -> ! {
    let (cause, address, value): (usize, usize, usize);
    // SAFETY: reads registers.
    unsafe {
        asm!("csrr {}, mcause", "csrr {}, mepc", "csrr {}, mtval", out(reg) cause, out(reg) address, out(reg) value, options(nomem, nostack));
    }
    print(format_args!("Exception at {address:#010x} (mcause {cause:#x}, mtval {value:#010x})\n"));
    exit(FAILED)
}

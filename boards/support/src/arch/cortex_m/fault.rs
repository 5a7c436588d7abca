//! The panic and HardFault handlers: [last words](crate::fault), and the end with [`FAILED`](crate::fault::FAILED).
#![cfg(all(feature = "handlers", target_os = "none"))]

use core::panic::PanicInfo;

use cortex_m_rt::{ExceptionFrame, exception};

use super::exit::exit;
use crate::fault::{FAILED, print};

#[panic_handler]
fn panic(info: &PanicInfo) -> ! {
    cortex_m::interrupt::disable();
    print(format_args!("{info}\n"));
    exit(FAILED)
}

#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    print(format_args!("HardFault at {:#010x}, called from {:#010x}", frame.pc(), frame.lr()));
    // ARMv6-M does not tell why.
    #[cfg(target_has_atomic = "32")]
    {
        // SAFETY: the System Control Block; reading the fault status registers changes nothing.
        let scb = unsafe { &*cortex_m::peripheral::SCB::PTR };
        print(format_args!(" (HFSR {:#010x}, CFSR {:#010x})", scb.hfsr.read(), scb.cfsr.read()));
    }
    print(format_args!("\n"));
    exit(FAILED)
}

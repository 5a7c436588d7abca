// `block!` suspends while the operation would block.

use segno_tests::{Failure, NotReady};

#[segno::coroutine]
pub fn block(device: &mut NotReady, bytes: [u8; 2]) -> Result<u8, Failure> {
    let mut sum = 0;
    for byte in bytes {
        sum += nb::block!(device.attempt(byte))?;
    }
    Ok(sum)
}

//! In a trait's method the machine has one lifetime for all parameters; the twin has been checked with each one's own.
trait Port {
    #[segno::coroutine]
    async fn read<'b>(&mut self, buffer: &'b mut [u8]) -> Option<&'b [u8]>;
}

struct Wire([u8; 4]);

impl Wire {
    #[segno::coroutine]
    async fn fill(&self, buffer: &mut [u8]) -> usize {
        buffer.fill(self.0[0]);
        buffer.len()
    }
}

impl Port for Wire {
    #[segno::coroutine]
    async fn read<'b>(&mut self, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        let n = self.fill(buffer).await;
        Some(&self.0[..n])
    }
}

fn main() {}

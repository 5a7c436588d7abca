//! Shapes that were found in code that others wrote, where they did not compile.

use segno_tests::both_worlds;

#[both_worlds]
mod real_code {
    #[segno::coroutine]
    async fn fill(buffer: &mut [u8]) -> usize {
        y().await;
        buffer.fill(1);
        buffer.len()
    }

    #[segno::coroutine]
    async fn into_a_constant() -> usize {
        fill(&mut [0; 4]).await;
        assert_eq!(fill(&mut [0; 3]).await, 3);
        if fill(&mut [0, 0]).await != 2 {
            return 1;
        }
        match fill(&mut [0; 8][..5]).await + fill(&mut []).await {
            5 => fill(&mut [0; 6]).await,
            other => other,
        }
    }
    case!(into_a_constant());
}

//! An await that is no argument of the macro, but stands in an arm of it.

#[segno::coroutine]
async fn asserts(state: Option<u32>) -> u32 {
    std::assert_matches::assert_matches!(state, Some(n) if std::future::ready(n).await == 1)
}

#[segno::coroutine]
async fn goes_on(state: Option<u32>) -> u32 {
    assert_matches!(state, Some(n) => { std::future::ready(n).await })
}

fn main() {}

//! More suspensions in one function than a dozen: the types of what its states hold are written in another way than for a few.

use segno_tests::both_worlds;

#[both_worlds]
mod many_suspensions {
    #[segno::coroutine]
    async fn one_behind_the_other() -> u8 {
        let first = T("first");
        y().await;
        y().await;
        let second = T("second");
        y().await;
        y().await;
        let sum = first.a().await + second.a().await;
        drop(first);
        y().await;
        y().await;
        let third = T("third");
        y().await;
        y().await;
        drop(second);
        y().await;
        let all = sum + third.a().await;
        y().await;
        log("end");
        all
    }
    case!(one_behind_the_other());

    #[segno::coroutine]
    async fn one_behind_the_other_without_a_borrow(token: T) -> u32 {
        let mut sum = 1;
        y().await;
        y().await;
        sum += 1;
        y().await;
        y().await;
        y().await;
        log("half");
        y().await;
        y().await;
        let other = T("other");
        y().await;
        sum *= 2;
        y().await;
        drop(token);
        y().await;
        y().await;
        drop(other);
        y().await;
        sum
    }
    case!(one_behind_the_other_without_a_borrow(T("token")));

    #[segno::coroutine]
    async fn fill(buffer: &mut [u8], with: u8) -> u8 {
        let _filled = T("filled");
        y().await;
        buffer[0] += with;
        buffer[0]
    }

    #[segno::coroutine]
    async fn with_a_buffer_to_the_end(token: T) -> u8 {
        let mut buffer = [0];
        fill(&mut buffer, 1).await;
        fill(&mut buffer, 2).await;
        fill(&mut buffer, 3).await;
        fill(&mut buffer, 4).await;
        y().await;
        fill(&mut buffer, 5).await;
        drop(token);
        fill(&mut buffer, 6).await;
        fill(&mut buffer, 7).await;
        fill(&mut buffer, 8).await;
        fill(&mut buffer, 9).await;
        y().await;
        fill(&mut buffer, 10).await
    }
    case!(with_a_buffer_to_the_end(T("token")));

    #[segno::coroutine]
    async fn with_a_borrowed_buffer() -> u8 {
        let mut buffer = [0];
        let token = T("token");
        for with in 0..2 {
            fill(&mut buffer, with).await;
            y().await;
        }
        fill(&mut buffer, 2).await;
        fill(&mut buffer, 3).await;
        let name = token.name();
        y().await;
        if let Some(name) = name {
            log(*name);
            y().await;
            y().await;
        }
        fill(&mut buffer, 4).await;
        fill(&mut buffer, 5).await;
        drop(token);
        {
            let mut other = [1];
            fill(&mut other, 6).await;
            fill(&mut buffer, other[0]).await;
        }
        y().await;
        fill(&mut buffer, 7).await
    }
    case!(with_a_borrowed_buffer());

    #[segno::coroutine]
    async fn of_types_without_names<'a, X: Clone>(x: X, words: &'a [&'a str]) -> (X, Option<&'a str>) {
        let mut longest = None;
        let held = (T("held"), x.clone());
        y().await;
        y().await;
        for word in words {
            let letters = word.chars().count();
            let borrowed = &letters;
            y().await;
            {
                let inner = (T("inner"), x.clone());
                let token = &inner.0;
                token.a().await;
                y().await;
            }
            if *borrowed > 3 {
                longest = Some(*word);
                y().await;
                break;
            }
            y().await;
        }
        y().await;
        let (token, again) = held;
        y().await;
        y().await;
        drop(token);
        y().await;
        y().await;
        y().await;
        (again, longest)
    }
    case!(of_types_without_names(7_u16, &["one", "three", "four"]));
}

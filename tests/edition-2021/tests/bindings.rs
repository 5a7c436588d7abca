//! Before edition 2024, a `mut` or a `&` in a pattern that is matched against a reference binds what is referred to.

use segno_tests::both_worlds;

#[both_worlds]
mod bindings {
    #[segno::coroutine]
    async fn mut_binds_a_copy(o: Option<u32>) -> u32 {
        if let Some(mut n) = &o {
            n += 1;
            y().await;
            n += child(n).await;
            return n;
        }
        0
    }
    case!(mut_binds_a_copy(Some(3)));

    #[segno::coroutine]
    async fn a_reference_in_it(o: Option<&T>) -> u8 {
        match &o {
            Some(&T(name)) => {
                y().await;
                T(name).a().await
            }
            None => 0,
        }
    }
    case!(a_reference_in_it(Some(&T("t"))));

    #[segno::coroutine]
    async fn ref_in_it(o: Option<T>) -> u8 {
        if let Some(ref t) = &o {
            t.a().await;
            return t.r();
        }
        0
    }
    case!(ref_in_it(Some(T("t"))));
}

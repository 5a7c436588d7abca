//! Tuple, array and struct literals, indexing, references.

use segno_tests::both_worlds;

#[both_worlds]
mod literals {
    #[derive(Debug)]
    struct Pair {
        first: T,
        second: T,
    }

    #[derive(Debug)]
    struct Tuple(T, u32);

    #[derive(Debug)]
    enum Shape {
        Line { from: u32, to: u32 },
        Named(T, u32),
    }

    #[segno::coroutine]
    async fn tuple() {
        let v = (id(T("1")).await, id(T("2")).await);
        log("b");
    }
    case!(tuple());

    #[segno::coroutine]
    async fn tuple_of_ready_and_awaited() -> (u8, T, u32) {
        let a = T("a");
        (a.r(), T("new"), child(3).await)
    }
    case!(tuple_of_ready_and_awaited());

    #[segno::coroutine]
    async fn array() -> [T; 3] {
        [T("1"), id(T("2")).await, id(T("3")).await]
    }
    case!(array());

    #[segno::coroutine]
    async fn array_repeated() -> u32 {
        let a = [child(3).await; 4];
        y().await;
        a.iter().sum()
    }
    case!(array_repeated());

    #[segno::coroutine]
    async fn struct_in_another_order() -> Pair {
        Pair { second: id(T("second")).await, first: id(T("first")).await }
    }
    case!(struct_in_another_order());

    #[segno::coroutine]
    async fn struct_shorthand() -> Pair {
        let first = T("first");
        let second = id(T("second")).await;
        y().await;
        Pair { first, second }
    }
    case!(struct_shorthand());

    #[segno::coroutine]
    async fn tuple_struct_and_variants(by_name: bool) -> (Tuple, Shape) {
        let tuple = Tuple(id(T("t")).await, child(1).await);
        let shape = if by_name {
            Shape::Named(T("named"), child(2).await)
        } else {
            Shape::Line { from: child(3).await, to: 4 }
        };
        y().await;
        (tuple, shape)
    }
    case!(variant_named = tuple_struct_and_variants(true));
    case!(variant_line = tuple_struct_and_variants(false));

    #[segno::coroutine]
    async fn some_and_ok() -> Result<Option<u32>, Failure> {
        let a = Some(child(1).await);
        y().await;
        Ok(a)
    }
    case!(some_and_ok());

    #[segno::coroutine]
    async fn index() -> u32 {
        let a = [10, 20, 30];
        let b = a[child(1).await as usize];
        let c = id([1, 2, 3]).await[2];
        let d = a[id(a).await.len() - child(1).await as usize];
        b + c + d
    }
    case!(index());

    #[segno::coroutine]
    async fn reference_to_an_awaited_value() -> u32 {
        let r = &child(5).await;
        y().await;
        let t = &mut id(T("extended")).await;
        t.rename("renamed");
        y().await;
        *r
    }
    case!(reference_to_an_awaited_value());

    #[segno::coroutine]
    async fn reference_as_an_argument() -> u32 {
        get(&child(5).await).await + get(&mut child(6).await).await
    }
    case!(reference_as_an_argument());

    #[segno::coroutine]
    async fn field_of_an_awaited_value() -> u32 {
        let n = id((T("gone"), 5u32)).await.1;
        y().await;
        let Tuple(_, m) = id(Tuple(T("held?"), 6)).await;
        y().await;
        let first = id((T("first"), T("second"))).await.0;
        y().await;
        n + m
    }
    case!(field_of_an_awaited_value());
}

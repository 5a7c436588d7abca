//! `?`.

use segno_tests::both_worlds;

#[both_worlds]
mod question {
    #[derive(Debug)]
    enum Outer {
        Wrapped(Failure),
    }

    impl From<Failure> for Outer {
        fn from(failure: Failure) -> Self {
            log("from");
            Outer::Wrapped(failure)
        }
    }

    fn check(fails: bool, n: u32) -> Result<u32, Failure> {
        log("check");
        if fails { Err(Failure(T("check"))) } else { Ok(n) }
    }

    #[segno::coroutine]
    async fn await_question(fails: bool) -> Result<u32, Failure> {
        let _g = T("g");
        let n = fail(fails, 3).await?;
        y().await;
        Ok(n)
    }
    case!(await_question_ok = await_question(false));
    case!(await_question_err = await_question(true));

    #[segno::coroutine]
    async fn question_then_await(fails: bool) -> Result<u32, Failure> {
        let a = T("a");
        let n = child(check(fails, 3)?).await;
        let m = check(n == 4, 5)?;
        y().await;
        a.r();
        Ok(n + m)
    }
    case!(question_then_await_ok = question_then_await(false));
    case!(question_then_await_err = question_then_await(true));

    #[segno::coroutine]
    async fn on_option(value: Option<u32>) -> Option<u32> {
        let _g = T("g");
        let n = id(value).await?;
        y().await;
        let m = value?;
        Some(n + m)
    }
    case!(on_option_some = on_option(Some(2)));
    case!(on_option_none = on_option(None));

    #[segno::coroutine]
    async fn converts_the_error(fails: bool) -> Result<(), Outer> {
        let a = T("a");
        fail(false, ()).await?;
        let b = T("b");
        fail(fails, ()).await?;
        log("after");
        y().await;
        Ok(())
    }
    case!(converts_the_error_ok = converts_the_error(false));
    case!(converts_the_error_err = converts_the_error(true));

    #[segno::coroutine]
    async fn statement_and_tail(fails: bool) -> Result<u32, Failure> {
        fail(false, ()).await?;
        fail(fails, 8).await
    }
    case!(statement_and_tail_ok = statement_and_tail(false));
    case!(statement_and_tail_err = statement_and_tail(true));

    #[segno::coroutine]
    async fn twice(outer: bool, inner: bool) -> Result<u32, Failure> {
        let n = fail(outer, fail(inner, check(false, 1))).await?.await??;
        y().await;
        Ok(n)
    }
    case!(twice_ok = twice(false, false));
    case!(twice_outer = twice(true, false));
    case!(twice_inner = twice(false, true));

    #[segno::coroutine]
    async fn in_operands(fails: bool) -> Result<u32, Failure> {
        let a = T("a");
        let n = fail(false, 1u32).await? + check(false, 2)? * fail(fails, 3).await?;
        let pair = (id(T("left")).await, fail(fails, 4).await?);
        y().await;
        Ok(n + pair.1)
    }
    case!(in_operands_ok = in_operands(false));
    case!(in_operands_err = in_operands(true));

    #[segno::coroutine]
    async fn in_arguments(fails: bool) -> Result<u8, Failure> {
        Ok(two(&T("temporary"), fail(fails, T("argument")).await?).await)
    }
    case!(in_arguments_ok = in_arguments(false));
    case!(in_arguments_err = in_arguments(true));

    #[segno::coroutine]
    async fn in_a_loop(fail_at: u32) -> Result<u32, Failure> {
        let _g = T("g");
        let mut sum = 0;
        for i in 0..3 {
            let _i = T("i");
            sum += fail(i == fail_at, i).await?;
            y().await;
        }
        Ok(sum)
    }
    case!(in_a_loop_ok = in_a_loop(9));
    case!(in_a_loop_err = in_a_loop(1));

    #[segno::coroutine]
    async fn on_a_token(value: Result<T, Failure>) -> Result<u8, Failure> {
        let t = value?;
        y().await;
        let n = t.r();
        drop(t);
        y().await;
        Ok(n)
    }
    case!(on_a_token_ok = on_a_token(Ok(T("t"))));
    case!(on_a_token_err = on_a_token(Err(Failure(T("early")))));

    #[segno::coroutine]
    async fn after_a_method() -> Result<usize, core::num::ParseIntError> {
        let n = id("12").await.parse::<usize>()?;
        y().await;
        let m = id("x").await.parse::<usize>()?;
        Ok(n + m)
    }
    case!(after_a_method());

    #[segno::coroutine]
    async fn chained(fails: bool) -> Result<u32, Outer> {
        let n = outer(fails).await?.checked_add(1).map(|n| n * 2).unwrap_or(0);
        child(n).await;
        Ok(n)
    }
    case!(chained_ok = chained(false));
    case!(chained_err = chained(true));

    #[segno::coroutine]
    async fn outer(fails: bool) -> Result<u32, Outer> {
        let _g = T("inner g");
        Ok(fail(fails, 6).await?)
    }

    #[derive(Debug)]
    enum Generic<E> {
        Invalid,
        Io(E),
    }

    struct Parse;

    impl<E> From<Parse> for Generic<E> {
        fn from(_: Parse) -> Generic<E> {
            Generic::Invalid
        }
    }

    /// What the error's parameter is, the function's result says.
    #[segno::coroutine]
    async fn of_a_generic_error<E>(first: Option<T>, second: Option<u32>, error: E) -> Result<u32, Generic<E>> {
        let _g = T("g");
        y().await;
        let t = first.ok_or(Generic::Invalid)?;
        y().await;
        let n = second.or(None).ok_or(Generic::Io(error))?;
        y().await;
        Ok(n + t.0.len() as u32)
    }
    case!(of_a_generic_error_ok = of_a_generic_error(Some(T("t")), Some(1), 2));
    case!(of_a_generic_error_first = of_a_generic_error(None, Some(1), 2));
    case!(of_a_generic_error_second = of_a_generic_error(Some(T("t")), None, 2));
}

//! Coroutines in coroutines.

use segno_tests::both_worlds;

#[both_worlds]
mod nesting {
    #[segno::coroutine]
    async fn level1(t: &mut T, fails: bool) -> Result<u32, Failure> {
        let _g = T("g1");
        t.renamed("1").await;
        let n = level2(t, T("to2"), fails).await?;
        y().await;
        Ok(n + 1)
    }

    #[segno::coroutine]
    async fn level2(t: &mut T, owned: T, fails: bool) -> Result<u32, Failure> {
        let _g = T("g2");
        let n = level3(&mut *t, &owned, fails).await?;
        t.r();
        Ok(n + 1)
    }

    #[segno::coroutine]
    async fn level3(t: &mut T, borrowed: &T, fails: bool) -> Result<u32, Failure> {
        let mut buffer = [0u8; 3];
        let n = level4(t, &mut buffer[1..], fails).await;
        borrowed.a().await;
        Ok(n? + buffer.iter().map(|&n| n as u32).sum::<u32>())
    }

    #[segno::coroutine]
    async fn level4(t: &mut T, buffer: &mut [u8], fails: bool) -> Result<u32, Failure> {
        let mut sum = 0;
        for byte in buffer {
            let _g = T("g4");
            *byte = level5(T("to5"), fails && sum > 0).await?;
            sum += *byte as u32;
        }
        t.renamed("4").await;
        Ok(sum)
    }

    #[segno::coroutine]
    async fn level5(owned: T, fails: bool) -> Result<u8, Failure> {
        fail(fails, ()).await?;
        Ok(owned.r())
    }

    case!(five_levels_ok = level1(&mut T("t"), false));
    case!(five_levels_err = level1(&mut T("t"), true));

    #[segno::coroutine]
    async fn pass1(t: T) -> T {
        pass2(t).await
    }

    #[segno::coroutine]
    async fn pass2(t: T) -> T {
        pass3(t).await
    }

    #[segno::coroutine]
    async fn pass3(t: T) -> T {
        pass4(t).await
    }

    #[segno::coroutine]
    async fn pass4(t: T) -> T {
        id(t).await
    }
    case!(passed_through_four = pass1(T("t")));

    #[segno::coroutine]
    async fn without_suspension() -> u32 {
        let a = ready(1).await;
        let b = ready(ready(a).await).await;
        log("no suspension so far");
        y().await;
        a + b
    }

    #[segno::coroutine]
    async fn ready(n: u32) -> u32 {
        let _g = T("ready");
        n + 1
    }
    case!(without_suspension());

    #[segno::coroutine]
    async fn siblings() -> (u32, u32) {
        let a = counted(2);
        let b = counted(1);
        log("both made");
        let b = b.await;
        let a = a.await;
        (a, b)
    }

    #[segno::coroutine]
    async fn counted(n: u32) -> u32 {
        let _g = T("counted");
        log(format!("start:{n}"));
        for i in 0..n {
            child(i).await;
        }
        n
    }
    case!(siblings());

    #[segno::coroutine]
    async fn takes_any_coroutine_as_argument() -> u32 {
        let a = same_type(counted(1)).await;
        let b = same_type(child(a)).await;
        a + b
    }

    fn same_type<X>(x: X) -> X {
        log("passed on");
        x
    }
    case!(takes_any_coroutine_as_argument());

    #[segno::coroutine]
    async fn children_in_a_loop() -> u32 {
        let mut sum = 0;
        let t = T("t");
        loop {
            sum += shared(&t, sum).await;
            if sum > 2 {
                break sum;
            }
        }
    }

    #[segno::coroutine]
    async fn shared(t: &T, n: u32) -> u32 {
        let _g = T("g");
        t.a().await;
        n + 1
    }
    case!(children_in_a_loop());

    #[segno::coroutine]
    async fn error_conversion_through_levels(fails: bool) -> Result<u32, String> {
        let n = level1(&mut T("temporary"), fails).await.map_err(|e| format!("{e:?}"))?;
        y().await;
        Ok(n)
    }
    case!(error_conversion_ok = error_conversion_through_levels(false));
    case!(error_conversion_err = error_conversion_through_levels(true));
}

//! `return` and `?` inside of macros of the user's own.

use segno_tests::both_worlds;

#[both_worlds]
mod hidden_returns {
    macro_rules! ensure {
        ($condition:expr, $error:expr) => {
            if !$condition {
                return Err($error);
            }
        };
    }

    macro_rules! attempt {
        ($($value:tt)*) => {
            ($($value)*)?
        };
    }

    macro_rules! some {
        ($value:expr) => {
            match $value {
                Some(value) => value,
                None => return None,
            }
        };
    }

    #[segno::coroutine]
    async fn ensures(c: bool, d: bool) -> Result<u32, Failure> {
        let _t = T("t");
        let text = [1u8, 2];
        ensure!(c, Failure(T("before")));
        let part = &text[1..];
        let n = child(3).await;
        {
            let _u = T("u");
            ensure!(d && n == 3, Failure(T("after")));
        }
        Ok(n + u32::from(part[0]))
    }
    case!(ensured = ensures(true, true));
    case!(not_ensured_before = ensures(false, true));
    case!(not_ensured_after = ensures(true, false));

    struct Other(T);

    impl From<Failure> for Other {
        fn from(failure: Failure) -> Self {
            log("from");
            Other(failure.0)
        }
    }

    impl core::fmt::Debug for Other {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            self.0.fmt(f)
        }
    }

    #[segno::coroutine]
    async fn attempts(fails: bool) -> Result<T, Other> {
        let _z = T("z");
        let result = fail(fails, T("value")).await;
        let value = attempt!(result.map(|value| value));
        y().await;
        if fails {
            return Ok(T("never"));
        }
        fail(false, ()).await?;
        Ok(value)
    }
    case!(attempted = attempts(false));
    case!(attempted_in_vain = attempts(true));

    #[segno::coroutine]
    async fn takes_some(c: bool) -> Option<u8> {
        y().await;
        let value = some!(c.then_some(5u8));
        let n = T("t").a().await + value;
        Some(n)
    }
    case!(took_some = takes_some(true));
    case!(took_none = takes_some(false));
}

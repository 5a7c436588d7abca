//! `#[cfg]` inside bodies.

use segno_tests::both_worlds;

#[both_worlds]
mod conditional {
    #[segno::coroutine]
    async fn statements() -> u32 {
        #[cfg(debug_assertions)]
        let a = child(1).await;
        #[cfg(not(debug_assertions))]
        let a = child(2).await;
        #[cfg(any(unix, windows))]
        log("a system");
        #[cfg(not(any(unix, windows)))]
        no_such_function();
        y().await;
        #[allow(unused_variables)]
        #[cfg(all(unix, windows))]
        let a = no_such_function();
        a
    }
    case!(statements());

    #[segno::coroutine]
    async fn arms_and_fields(n: u32) -> u32 {
        struct Settings {
            speed: u32,
            #[cfg(not(target_pointer_width = "16"))]
            depth: u32,
        }
        let t = T("t");
        let settings = Settings {
            speed: child(n).await,
            #[cfg(not(target_pointer_width = "16"))]
            depth: child(2).await,
        };
        match child(settings.speed).await {
            #[cfg(target_pointer_width = "16")]
            _ => no_such_function(),
            #[cfg(not(target_pointer_width = "16"))]
            1 => settings.depth,
            _ => {
                y().await;
                0
            }
        }
    }
    case!(arms_and_fields(1));
    case!(arms_and_fields_at_two = arms_and_fields(2));

    #[segno::coroutine]
    async fn as_the_value() -> &'static str {
        y().await;
        #[cfg(unix)]
        {
            child(1).await;
            "unix"
        }
        #[cfg(not(unix))]
        "another"
    }
    case!(as_the_value());

    struct Motor(u32);
    impl Motor {
        #[segno::coroutine]
        async fn turn(&mut self) -> u32 {
            #[cfg(unix)]
            child(1).await;
            #[cfg_attr(unix, allow(unused_mut))]
            let mut by = child(2).await;
            self.0 += by;
            self.0
        }
    }

    #[segno::coroutine]
    async fn in_a_method() -> u32 {
        let mut motor = Motor(1);
        motor.turn().await + motor.turn().await
    }
    case!(in_a_method());
}

//! Macros without awaits in them.

use segno_tests::both_worlds;

#[both_worlds]
mod macros {
    #[segno::coroutine]
    async fn format_of_crossing_variables() -> String {
        let a = child(1).await;
        let t = T("t");
        y().await;
        let text = format!("{a} {} {name} {t:?}", a + 1, name = t.0);
        y().await;
        log(format!("{text} {a:>3} {a:?}"));
        text
    }
    case!(format_of_crossing_variables());

    #[segno::coroutine]
    async fn format_of_borrowed_variables() -> String {
        let mut n = 1u32;
        bump(&mut n).await;
        log(format!("{n} {n:?} {}", n));
        bump(&mut n).await;
        format!("{n:0width$}", width = 1 + n as usize)
    }

    #[segno::coroutine]
    async fn bump(n: &mut u32) {
        y().await;
        *n += 1;
    }
    case!(format_of_borrowed_variables());

    #[segno::coroutine]
    async fn assertions() -> u32 {
        let a = child(1).await;
        let t = T("t");
        assert!(a == 1, "{a} and {}", t.0);
        y().await;
        assert_eq!(a, 1);
        assert_ne!(a, 2, "{t:?}");
        debug_assert!(t.0 == "t");
        y().await;
        a
    }
    case!(assertions());

    #[segno::coroutine]
    async fn matches_and_vec(value: Option<u32>) -> (bool, Vec<u32>) {
        let n = child(2).await;
        y().await;
        let matched = matches!(value, Some(m) if m == n);
        let all = vec![n, n + 1, 0];
        y().await;
        let filled = vec![n; 2];
        (matched, [all, filled].concat())
    }
    case!(matches_and_vec(Some(2)));

    #[segno::coroutine]
    async fn write_into_a_local() -> String {
        use core::fmt::Write;
        let mut text = String::new();
        let n = child(3).await;
        write!(text, "{n}").unwrap();
        y().await;
        writeln!(text, "-{}", n + 1).unwrap();
        y().await;
        text
    }
    case!(write_into_a_local());

    #[segno::coroutine]
    async fn never_reached(n: u32) -> u32 {
        match child(n).await {
            0 => unreachable!("{n}"),
            1 => {
                y().await;
                1
            }
            2 => todo!(),
            3 => unimplemented!("{}", n),
            _ => 5,
        }
    }
    case!(never_reached(1));

    #[segno::coroutine]
    async fn panics(n: u32) -> u32 {
        let _g = T("g");
        let t = T("t");
        y().await;
        if n == 1 {
            std::panic::resume_unwind(Box::new("by itself"));
        }
        y().await;
        t.r() as u32
    }
    case!(panics_by_itself = panics(1));
    case!(panics_not = panics(0));

    #[segno::coroutine]
    async fn constants_of_the_compiler() -> usize {
        let n = concat!("a", 1).len() + stringify!(n).len();
        y().await;
        n + env!("CARGO_PKG_NAME").len() + line!() as usize * 0
    }
    case!(constants_of_the_compiler());

    #[segno::coroutine]
    async fn statements_and_patterns() -> u32 {
        print!("");
        let n = child(2).await;
        eprint!("");
        y().await;
        if cfg!(any()) {
            y().await;
        }
        n
    }
    case!(statements_and_patterns());

    struct Guarded {
        state: Option<String>,
        t: T,
    }

    #[segno::coroutine]
    async fn guarded() -> Guarded {
        y().await;
        Guarded { state: Some("on".into()), t: T("guarded") }
    }

    #[segno::coroutine]
    async fn parts_are_only_looked_at() {
        let before = T("before");
        assert_eq!(guarded().await.state, Some("on".to_string()));
        log("asserted");
        assert!(matches!(guarded().await.state, Some(_)));
        log("matched");
        log(format!("{:?} {name:?}", guarded().await.state, name = guarded().await.t.0));
        let all = vec![guarded().await.state; 2];
        log(format!("{all:?}"));
        y().await;
    }
    case!(parts_are_only_looked_at());

    #[segno::coroutine]
    async fn matches_with_a_guard(n: u32) -> bool {
        let t = T("t");
        matches!(child(n).await, m if m > 1) && matches!(guarded().await.t, T("guarded"))
    }
    case!(matches_with_a_guard(1));
    case!(matches_with_a_guard_at_two = matches_with_a_guard(2));

    #[segno::coroutine]
    async fn repeated() -> Vec<u32> {
        let mut n = 2u32;
        bump(&mut n).await;
        let all = vec![n; n as usize];
        bump(&mut n).await;
        all
    }
    case!(repeated());

    /// A variable in a slot that has the name of another one: in a format string its name is no assignment to that.
    #[segno::coroutine]
    async fn named_alike() {
        for count in 0..2u32 {
            log(format!("{count}"));
            child(count).await;
        }
        for count in 0..3u32 {
            log(format!("{count}, {0}, {count:?}", count + 1));
            child(count).await;
        }
        let count = T("count");
        log(format!("{}", count.0));
        let lent = &count;
        lent.a().await;
        log(format!("{lent:?} {count:?} {text}", text = count.0));
    }
    case!(named_alike());

    /// Where the temporaries of what a macro looks at end: in it, or with the statement.
    #[segno::coroutine]
    async fn temporaries_of_arguments(n: u32) {
        use core::fmt::Write;
        log(format!("{}:{n}", *temporary("formatted", child(3).await)));
        let mut text = String::new();
        let written = (write!(text, "{}", *temporary("written", child(4).await)).is_ok(), log(text.clone())).0;
        let printed = {
            let _g = T("g");
            println!("{} {written}", *temporary("printed", child(5).await))
        };
        assert_eq!((*temporary("compared", child(6).await), printed), (6, ()));
        let inspected = (dbg!(*temporary("inspected", child(7).await)), log("beside")).0;
        assert!(inspected == 7);
    }
    case!(temporaries_of_arguments(1));

    /// Only the text of a format macro captures names.
    #[segno::coroutine]
    async fn texts_that_are_values() -> u32 {
        let x = child(1).await;
        let x = x + child(2).await;
        log(stringify!(x));
        log(format!("{} {}", "{x}", x));
        y().await;
        x as u32
    }
    case!(texts_that_are_values());

    #[segno::coroutine]
    async fn texts_in_a_list() -> u32 {
        let x = child(1).await;
        let x = x + child(2).await;
        let v = vec!["{x}"];
        y().await;
        v.len() as u32 + x as u32
    }
    case!(texts_in_a_list());

    #[segno::coroutine]
    async fn letters_of_a_text() -> u32 {
        let fa = T("a");
        drop(fa);
        y().await;
        log(format!("\u{fa}{}", 1));
        1
    }
    case!(letters_of_a_text());

    #[segno::coroutine]
    async fn letters_beside_a_variable() -> u32 {
        let fa = 3u32;
        let t = T("t");
        let fa = fa + t.a().await as u32;
        log(format!("\u{fa}{}", fa));
        fa
    }
    case!(letters_beside_a_variable());
}

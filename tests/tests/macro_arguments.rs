//! Arguments of known macros that are places, or leave temporaries, where a later one suspends.

use segno_tests::both_worlds;

#[both_worlds]
mod macro_arguments {
    use core::fmt::{self, Debug, Write};

    struct Loud(T);

    impl Debug for Loud {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            log("debug");
            f.write_str("loud")
        }
    }

    struct Text(T);

    impl Write for Text {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            log(format!("write:{text}"));
            Ok(())
        }
    }

    fn text(name: &'static str) -> Text {
        Text(T(name))
    }

    fn over<W: Write>(text: &mut W) -> &mut W {
        text
    }

    fn at(index: usize) -> usize {
        log("at");
        index
    }

    struct Config {
        rate: u32,
    }

    #[segno::coroutine]
    async fn index_that_changes() -> String {
        let v = [10, 20, 30];
        let mut i = 1;
        format!("{} {}", v[i], {
            i += 1;
            y().await;
            i
        })
    }
    case!(index_that_changes());

    #[segno::coroutine]
    async fn index_that_is_compared() {
        let v = [10, 20, 30];
        let mut i = 1;
        assert_eq!(v[i], {
            i += 1;
            y().await;
            20
        });
        log(format!("{i}"));
    }
    case!(index_that_is_compared());

    #[segno::coroutine]
    async fn index_that_calls(n: usize) {
        let v = [10, 20, 30];
        assert_eq!(v[at(n)], child(20).await);
    }
    case!(index_that_calls(1));

    #[segno::coroutine]
    async fn pointer_that_changes(n: u32) -> String {
        let (a, b) = (n, n + 1);
        let mut p = &a;
        format!("{} {}", *p, {
            p = &b;
            y().await;
            *p
        })
    }
    case!(pointer_that_changes(9));

    #[segno::coroutine]
    async fn field_of_another() -> String {
        let (a, b) = (Config { rate: 1 }, Config { rate: 2 });
        let mut p = &a;
        format!("{} {} {}", a.rate, p.rate, {
            p = &b;
            y().await;
            p.rate
        })
    }
    case!(field_of_another());

    #[segno::coroutine]
    async fn shown_in_turn() {
        let _both = dbg!(Loud(T("a")), id(Loud(T("b"))).await);
    }
    case!(shown_in_turn());

    #[segno::coroutine]
    async fn written_to_a_temporary() -> bool {
        let written = write!(&mut text("a"), "{}", child(2).await).and_then(|()| {
            log("after");
            Ok(())
        });
        written.is_ok()
    }
    case!(written_to_a_temporary());

    #[segno::coroutine]
    async fn written_to_a_value() -> bool {
        write!(text("b"), "{} {}", T("q").r(), child(2).await).is_ok()
            && write!(over(&mut text("c")), "{}", child(3).await).is_ok()
    }
    case!(written_to_a_value());

    #[segno::coroutine]
    async fn written_to_places() -> String {
        let mut texts = [String::new(), String::new()];
        let mut i = 0;
        let first = write!(texts[i], "{}", {
            i += 1;
            child(4).await
        });
        let second = write!(&mut texts[i], "{}", child(5).await);
        log(format!("{first:?} {second:?}"));
        texts.concat()
    }
    case!(written_to_places());
}

//! What a `macro_rules!` of the body becomes, and what it is given.

use segno_tests::both_worlds;

#[both_worlds]
mod body_macros {
    /// An item and a statement: the statement is run where the macro stands.
    #[segno::coroutine]
    async fn item_and_statement() -> u32 {
        macro_rules! m {
            ($n:expr) => {
                const N: u32 = $n;
                log(format!("n{}", N));
            };
        }
        log("a");
        y().await;
        m!(3);
        log("b");
        1
    }
    case!(item_and_statement());

    #[segno::coroutine]
    async fn import_and_statement() -> u32 {
        macro_rules! run { ($($t:tt)*) => { $($t)* } }
        log("a");
        y().await;
        run! { use core::cmp::max as top; log(format!("{}", top(1, 2))) }
        log("b");
        1
    }
    case!(import_and_statement());

    #[segno::coroutine]
    async fn import_and_variable() -> u32 {
        macro_rules! m {
            ($t:ident) => {
                use core::fmt::Write;
                let mut s = String::new();
                let _ = write!(s, "{}", $t.0);
                log(s);
            };
        }
        let t = T("t");
        y().await;
        m!(t);
        1
    }
    case!(import_and_variable());

    /// A name that is a type where it is used, and a value elsewhere.
    #[segno::coroutine]
    async fn type_as_argument() -> u32 {
        struct P;
        impl P {
            const V: u32 = 1;
        }
        macro_rules! v {
            ($a:ty) => {
                <$a>::V
            };
        }
        let a = v!(P);
        let b = {
            struct P {
                _q: u32,
            }
            impl P {
                const V: u32 = 2;
            }
            y().await;
            v!(P)
        };
        a + b * 10
    }
    case!(type_as_argument());

    #[segno::coroutine]
    async fn types_of_blocks() -> u32 {
        let mut s = 0;
        macro_rules! m {
            ($x:expr, $f:ident) => {
                $x.$f
            };
            ($a:ty) => {
                <$a>::default()
            };
        }
        {
            #[derive(Default)]
            struct P {
                q: u32,
            }
            y().await;
            s += m!(P).q;
        }
        {
            #[derive(Default)]
            struct P {
                r: u32,
                q: u32,
            }
            y().await;
            let p: P = P { r: 3, ..m!(P) };
            s += m!(p, r) + p.q;
        }
        s
    }
    case!(types_of_blocks());

    /// Words that are shown.
    #[segno::coroutine]
    async fn words() -> u32 {
        let x = child(1).await;
        let x = x + child(2).await;
        log(stringify!(x));
        log(concat!(stringify!(x), "!"));
        y().await;
        x as u32
    }
    case!(words());

    #[segno::coroutine]
    async fn words_of_a_list() -> u32 {
        macro_rules! kv { ($($k:ident => $v:expr),*) => { [$((stringify!($k), $v)),*] } }
        let x = child(1).await;
        let x = x + child(2).await;
        let all = kv!(x => x);
        log(format!("{:?}", all));
        y().await;
        x as u32
    }
    case!(words_of_a_list());

    #[segno::coroutine]
    async fn words_beside_a_text() -> u32 {
        let x = T("x");
        let n = 3u32;
        let v = {
            let x = 4u32;
            let s = format!("{x} {}", stringify!(x));
            log(s);
            x
        };
        y().await;
        let w = matches!((n, v), (x, 4) if x == 3);
        w as u32 + x.r() as u32
    }
    case!(words_beside_a_text());

    #[segno::coroutine]
    async fn words_of_a_shadowing_variable() -> u32 {
        macro_rules! name_of {
            ($i:ident) => {
                stringify!($i)
            };
        }
        macro_rules! show {
            ($e:expr) => {
                format!("{} = {:?}", stringify!($e), $e)
            };
        }
        let value = child(1).await;
        {
            let value = value + 1;
            y().await;
            log(show!(value + 1));
            log(name_of!(value));
        }
        value
    }
    case!(words_of_a_shadowing_variable());

    /// The macro of the body has the name of a known one.
    #[segno::coroutine]
    async fn own_block(n: u32) -> u32 {
        macro_rules! block {
            ($e:expr) => {
                $e + 1
            };
        }
        let a = block!(n);
        y().await;
        a
    }
    case!(own_block(1));

    /// What looks like the beginning of a closure, or like a pattern.
    #[segno::coroutine]
    async fn or_behind_an_operand() -> u32 {
        let k = child(3).await as u32;
        macro_rules! m {
            ($a:expr) => {
                $a > 10 || k > 1
            };
        }
        let a = m!(1);
        y().await;
        a as u32 + m!(20) as u32 + k
    }
    case!(or_behind_an_operand());

    #[segno::coroutine]
    async fn guard_in_a_macro() -> u32 {
        let k = child(3).await as u32;
        macro_rules! m {
            ($a:expr) => {
                match $a {
                    x if x > k => 1u32,
                    _ => 2,
                }
            };
        }
        let a = m!(1);
        y().await;
        a + m!(20) * 10 + k
    }
    case!(guard_in_a_macro());

    /// Names that are no variables.
    #[segno::coroutine]
    async fn field_of_the_name() -> u32 {
        let x = 5u32;
        let x = x + child(2).await as u32;
        struct K {
            x: u32,
        }
        macro_rules! m {
            ($e:expr) => {
                K { x: $e + x }
            };
        }
        let k = m!(1);
        y().await;
        k.x
    }
    case!(field_of_the_name());

    #[segno::coroutine]
    async fn argument_of_the_name() -> u32 {
        let x = 5u32;
        let x = x + child(2).await as u32;
        macro_rules! m {
            ($e:expr) => {
                format!("{x} {y}", x = $e, y = x)
            };
        }
        let k = m!(1);
        y().await;
        log(k);
        x
    }
    case!(argument_of_the_name());

    #[segno::coroutine]
    async fn text_as_argument() -> u32 {
        macro_rules! say {
            ($k:ident => $t:literal) => {
                log(format!($t))
            };
        }
        let x = child(3).await;
        y().await;
        say!(a => "{x}");
        1
    }
    case!(text_as_argument());
}

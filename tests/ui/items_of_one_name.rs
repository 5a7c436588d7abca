//! Two items of one name, in different blocks, which a macro and the linker see.

use segno_tests::child;

macro_rules! counted {
    ($(#[$_:meta])* struct $name:ident;) => {
        struct $name;
        impl $name {
            const LEN: u32 = stringify!($name).len() as u32;
        }
    };
}

#[segno::coroutine]
async fn f(wanted: bool) -> u32 {
    if wanted {
        counted! {
            struct Step;
        }
        child(Step::LEN).await
    } else {
        #[derive(Clone)]
        struct Step(u8);
        let step = Step(2).clone();
        child(step.0.into()).await
    }
}

#[segno::coroutine]
async fn g(wanted: bool) -> u32 {
    if wanted {
        #[unsafe(no_mangle)]
        extern "C" fn step() -> u32 {
            1
        }
        child(step()).await
    } else {
        fn step() -> u32 {
            2
        }
        child(step()).await
    }
}

fn main() {
    let _ = (f(true), g(true));
}

//! Guards of arms that bind something: `Some(n) if let Some(m) = n.checked_sub(3) => …`.

use segno_tests::both_worlds;

#[both_worlds]
mod guards_with_let {
    use segno_tests::values::eat;

    #[segno::coroutine]
    async fn of_an_arm_that_suspends(o: Option<u32>, t: T) -> u32 {
        match o {
            Some(n) if let Some(m) = n.checked_sub(3) => {
                y().await;
                t.r();
                m
            }
            Some(n) => {
                t.a().await;
                n
            }
            None => 0,
        }
    }
    case!(of_an_arm_that_suspends(Some(5), T("t")));
    case!(of_an_arm_that_suspends_2 = of_an_arm_that_suspends(Some(2), T("t")));

    #[segno::coroutine]
    async fn of_an_arm_in_one_piece(o: Option<u32>, t: T) -> u32 {
        let n = match o {
            Some(n)
                if let Some(m) = n.checked_sub(3)
                    && m > 1 =>
            {
                m
            }
            Some(n) => n,
            None => 0,
        };
        t.a().await;
        n
    }
    case!(of_an_arm_in_one_piece(Some(5), T("t")));
    case!(of_an_arm_in_one_piece_2 = of_an_arm_in_one_piece(Some(2), T("t")));

    #[segno::coroutine]
    async fn borrowed_in_the_arm(o: Result<u32, T>, t: T) -> u32 {
        let d = T("d");
        let r = match o {
            Ok(n) if let Some(m) = n.checked_sub(3) => {
                t.a().await;
                let k = &m;
                d.a().await;
                *k
            }
            Ok(n) => {
                drop(d);
                t.a().await;
                n
            }
            Err(e)
                if let 1.. = e.r()
                    && let v = [e.r(), 4] =>
            {
                e.a().await;
                v[0] as u32
            }
            Err(_) => 3,
        };
        y().await;
        r
    }
    case!(borrowed_in_the_arm(Ok(2), T("t")));
    case!(borrowed_in_the_arm_2 = borrowed_in_the_arm(Ok(5), T("t")));
    case!(borrowed_in_the_arm_3 = borrowed_in_the_arm(Err(T("e")), T("t")));

    #[segno::coroutine]
    async fn beside_other_conditions(o: Option<T>, t: T, c: bool) -> u32 {
        match o {
            Some(a)
                if c && let Some(m) = c.then_some(4)
                    && a.r() == 7 =>
            {
                y().await;
                a.a().await;
                t.r();
                m
            }
            Some(a)
                if let Some(m) = c.then_some(4)
                    && a.r() < 200 =>
            {
                y().await;
                a.a().await;
                t.r();
                m
            }
            Some(n) => {
                t.a().await;
                eat(n)
            }
            None if let (x, z) = (T("x"), 3)
                && z > 2 =>
            {
                y().await;
                x.r();
                z
            }
            None => 0,
        }
    }
    case!(beside_other_conditions(Some(T("o")), T("t"), true));
    case!(beside_other_conditions_2 = beside_other_conditions(Some(T("o")), T("t"), false));
    case!(beside_other_conditions_3 = beside_other_conditions(None, T("t"), true));

    #[segno::coroutine]
    async fn of_slices(v: &[u32], t: T) -> u32 {
        match v {
            [a, rest @ ..]
                if let Some(b) = rest.first()
                    && let c = a + b =>
            {
                t.a().await;
                c + *b
            }
            [a] => *a,
            _ => {
                y().await;
                0
            }
        }
    }
    case!(of_slices(&[1, 2], T("t")));
    case!(of_slices_2 = of_slices(&[1], T("t")));
    case!(of_slices_3 = of_slices(&[], T("t")));
}

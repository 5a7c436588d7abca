//! Output pins as `embedded_hal` has them, for drivers that can write a level and read it back.

/// A pin that is driven, and cannot fail.
pub trait Level {
    /// Drives it.
    fn write(&mut self, high: bool);

    /// What it was last driven to.
    fn read(&self) -> bool;
}

/// Implements [`embedded_hal::digital`]'s traits for a [`Level`]: its generic parameters in brackets, and the type.
#[macro_export]
macro_rules! output_pin {
    ([$($parameters:tt)*] $pin:ty) => {
        impl<$($parameters)*> $crate::output_pin::digital::ErrorType for $pin {
            type Error = core::convert::Infallible;
        }

        impl<$($parameters)*> $crate::output_pin::digital::OutputPin for $pin {
            fn set_low(&mut self) -> Result<(), core::convert::Infallible> {
                $crate::output_pin::Level::write(self, false);
                Ok(())
            }

            fn set_high(&mut self) -> Result<(), core::convert::Infallible> {
                $crate::output_pin::Level::write(self, true);
                Ok(())
            }
        }

        impl<$($parameters)*> $crate::output_pin::digital::StatefulOutputPin for $pin {
            fn is_set_high(&mut self) -> Result<bool, core::convert::Infallible> {
                Ok($crate::output_pin::Level::read(self))
            }

            fn is_set_low(&mut self) -> Result<bool, core::convert::Infallible> {
                Ok(!$crate::output_pin::Level::read(self))
            }
        }
    };
}

#[doc(hidden)]
pub use embedded_hal::digital;

//! What may be read of the memory.

/// What may be read: RAM, and the linker's note with the build id.
#[derive(Debug, Clone, Copy)]
pub struct Readable {
    /// The address of RAM's first word.
    first: u32,
    ram: *const [u32],
    note: *const [u32],
}

/// Bytes of a word.
const WORD: u32 = 4;

impl Readable {
    /// All of `ram`, whose first word has the address `first`, and `note`.
    ///
    /// # Safety
    /// As long as this exists, every word of both is memory that can be read at any time without an effect: no registers, no
    /// holes, no guard that faults. What is in it may be anything, and others may change it.
    pub const unsafe fn new(first: u32, ram: *const [u32], note: *const [u32]) -> Readable {
        Readable { first, ram, note }
    }

    /// What the linker script of the boards says of this program: `inspect.x`, which `build-board.rs` writes.
    #[cfg(target_os = "none")]
    pub fn of_this_program() -> Readable {
        unsafe extern "C" {
            static __segno_ram_start: u32;
            static __segno_ram_end: u32;
            static __segno_build_id: u32;
            static __segno_build_id_end: u32;
        }
        let words = |start: *const u32, end: *const u32| {
            let start = start.expose_provenance();
            let count = (end.addr() - start) / WORD as usize;
            core::ptr::slice_from_raw_parts(core::ptr::with_exposed_provenance(start), count)
        };
        let ram = words(&raw const __segno_ram_start, &raw const __segno_ram_end);
        let note = words(&raw const __segno_build_id, &raw const __segno_build_id_end);
        // SAFETY: RAM is as in `memory.x`, which the program runs in; the note is a section of the program.
        unsafe { Readable::new(ram.addr() as u32, ram, note) }
    }

    /// Where RAM begins, and where it ends.
    pub fn ram(&self) -> [u32; 2] {
        [self.first, self.first + WORD * self.ram.len() as u32]
    }

    /// Copies words from an address on, if that is RAM.
    #[must_use]
    pub fn copy(&self, address: u32, words: &mut [u32]) -> bool {
        let Some(offset) = address.checked_sub(self.first) else { return false };
        let at = (offset / WORD) as usize;
        let here = offset % WORD == 0 && words.len() <= self.ram.len() && at <= self.ram.len() - words.len();
        if here {
            // SAFETY: so many words from this one on are in RAM.
            unsafe { copy(self.ram.cast::<u32>().add(at), words) };
        }
        here
    }

    /// Copies the note, as much as there is room for; answers how many words.
    pub fn copy_note(&self, words: &mut [u32]) -> usize {
        let count = self.note.len().min(words.len());
        // SAFETY: so many words are in the note.
        unsafe { copy(self.note.cast(), &mut words[..count]) };
        count
    }
}

/// # Safety
/// The words are a part of what a [`Readable`] has: who made that vouches that they can be read. What the program does with
/// them is not disturbed: they are only read, by accesses that the compiler takes no conclusions from, as a debugger would;
/// and nothing is made of them but numbers.
unsafe fn copy(source: *const u32, words: &mut [u32]) {
    for (at, word) in words.iter_mut().enumerate() {
        // SAFETY: by the contract of this function.
        *word = unsafe { source.add(at).read_volatile() };
    }
}

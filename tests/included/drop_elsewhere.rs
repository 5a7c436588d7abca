// What the file that includes this one does not show.

impl Drop for Elsewhere {
    fn drop(&mut self) {
        log("elsewhere");
    }
}

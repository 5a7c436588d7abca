//! `cargo segno flash`, as far as it goes without hardware.

mod support;

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use support::{segno, stderr, stdout};

#[test]
fn a_board_that_is_emulated_is_not_flashed() {
    let output = segno(&["flash", "lm3s6965evb", "hello"], "");
    assert_eq!(stdout(&output, 1), "");
    assert!(stderr(&output).contains("help: cargo segno qemu lm3s6965evb hello"), "{}", stderr(&output));
}

#[test]
fn hardware_is_not_emulated() {
    let output = segno(&["qemu", "microbit-v2", "hello"], "");
    assert_eq!(stdout(&output, 1), "");
    assert!(stderr(&output).contains("help: cargo segno flash microbit-v2 hello"), "{}", stderr(&output));
}

#[test]
fn a_program_that_needs_more_than_the_board_has_is_refused() {
    for (program, needs) in [("udp_echo", "a network"), ("two_cores", "a second core")] {
        let output = segno(&["flash", "microbit-v2", program], "");
        assert_eq!(stdout(&output, 2), "");
        let words = format!("`{program}` needs {needs}, which `microbit-v2` has not");
        assert!(stderr(&output).contains(&words), "{}", stderr(&output));
    }
}

/// In the place of the flasher stands a script that says what it was called with.
#[test]
fn the_flasher_gets_the_chip_the_options_and_the_firmware_and_its_status_is_passed_on() {
    if !support::targets_are_there(&["thumbv7em-none-eabihf"]) {
        return;
    }
    let folder = env::temp_dir().join(format!("segno-flash-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let script = folder.join("probe-rs");
    fs::write(&script, "#!/bin/sh\necho \"$@\"\nexit 7\n").unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let mut path = folder.clone().into_os_string();
    path.push(":");
    path.push(env::var_os("PATH").unwrap_or_default());
    let output = Command::new(env!("CARGO_BIN_EXE_segno"))
        .args(["flash", "microbit-v2", "blinky", "--", "--speed", "1000"])
        .env("PATH", path)
        .output()
        .unwrap();
    fs::remove_dir_all(&folder).unwrap();
    let text = stdout(&output, 7);
    assert!(text.starts_with("run --chip nRF52833_xxAA --speed 1000 /") && text.ends_with("/blinky\n"), "{text}");
}

//! Packets that nobody should send.

use crate::{Random, bytes, one_of};

/// The Internet's checksum of these bytes.
fn checksum(parts: &[&[u8]]) -> [u8; 2] {
    let mut sum = 0_u32;
    for part in parts {
        for pair in part.chunks(2) {
            sum += u32::from(u16::from_be_bytes([pair[0], *pair.get(1).unwrap_or(&0)]));
        }
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    (!(sum as u16)).to_be_bytes()
}

fn udp(random: &mut Random, ports: [u8; 4]) -> Vec<u8> {
    let data = bytes(random, 0, 1472);
    let length = one_of(random, &[8 + data.len(), 8 + data.len(), 8 + data.len(), 0, 7, 65_535]) as u16;
    [&ports[..], &length.to_be_bytes(), &[0, 0], &data].concat()
}

fn tcp(random: &mut Random, ports: [u8; 4]) -> Vec<u8> {
    let options = one_of(random, &[0, 0, 0, 4, 40]);
    let offset = one_of(random, &[5 + options / 4, 5 + options / 4, 5 + options / 4, 0, 4, 15]) as u8;
    let flags = one_of(random, &[0x02, 0x02, 0x10, 0x12, 0x11, 0x14, 0x18, 0x01, 0x00, 0xff]);
    let mut segment = ports.to_vec();
    segment.extend(random.next_u64().to_be_bytes());
    segment.extend([offset << 4, flags]);
    segment.extend(one_of(random, &[0_u16, 1, 4096, 65_535]).to_be_bytes());
    segment.extend([0; 4]);
    // Of options, the lengths are what may mislead.
    segment.extend((0..options).map(|_| one_of(random, &[0, 1, 2, 3, 4, 5, 8, 255])));
    segment.extend(bytes(random, 0, one_of(&mut random.clone(), &[0, 1, 536, 1400])));
    segment
}

fn icmp(random: &mut Random) -> Vec<u8> {
    let mut message = vec![one_of(random, &[0, 3, 5, 8, 11, 12, 255]), random.below(16) as u8, 0, 0];
    message.extend(bytes(random, 0, 100));
    message
}

fn arp(random: &mut Random, from: [u8; 4], to: [u8; 4]) -> Vec<u8> {
    let mut message = vec![0, 1, 8, 0, 6, 4, 0, one_of(random, &[1, 2, 3])];
    message.extend([6, 6, 6, 6, 6, 6]);
    message.extend(from);
    message.extend(bytes(random, 6, 6));
    message.extend(to);
    message
}

/// A packet of IPv4.
fn ipv4(from: [u8; 4], to: [u8; 4], protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x45, 0];
    packet.extend((20 + payload.len() as u16).to_be_bytes());
    packet.extend([0, 0, 0x40, 0, 64, protocol, 0, 0]);
    packet.extend(from);
    packet.extend(to);
    let sum = checksum(&[&packet]);
    packet[10..12].copy_from_slice(&sum);
    packet.extend(payload);
    packet
}

/// The first segment of a connection to port 7 that is never established: nobody answers at the address that it comes from.
pub fn first_segment(random: &mut Random, to: [u8; 4]) -> Vec<u8> {
    let from = [10, 0, 201, random.next_u64() as u8];
    let mut segment = vec![0xc0, random.next_u64() as u8, 0, 7];
    segment.extend((random.next_u64() as u32).to_be_bytes());
    segment.extend([0, 0, 0, 0, 0x50, 0x02, 0x10, 0, 0, 0, 0, 0]);
    let sum = checksum(&[&from, &to, &[0, 6, 0, 20], &segment]);
    segment[16..18].copy_from_slice(&sum);
    ipv4(from, to, 6, &segment)
}

/// A packet for the machine with this address, from one that does not exist: damaged, cut short, contradictory, or good in
/// form. With its kind, as Ethernet has it.
pub fn packet(random: &mut Random, to: [u8; 4]) -> ([u8; 2], Vec<u8>) {
    let from = [10, 0, 200, random.next_u64() as u8];
    let [.., a, b] = random.next_u64().to_be_bytes();
    let ports = [a, b, 0, one_of(random, &[7, 7, 7, 9])];
    let (protocol, mut payload) = match random.below(8) {
        0 => return ([random.next_u64() as u8, random.next_u64() as u8], bytes(random, 0, 1500)),
        1 => {
            let mut message = arp(random, from, to);
            damage(random, &mut message);
            return ([0x08, 0x06], message);
        }
        2 => (1, icmp(random)),
        3 => (random.next_u64() as u8, bytes(random, 0, 1480)),
        4 => (17, udp(random, ports)),
        _ => (6, tcp(random, ports)),
    };
    let place = match protocol {
        1 => Some(2..4),
        6 => Some(16..18),
        17 => Some(6..8),
        _ => None,
    };
    if random.below(4) > 0
        && let Some(field) = place.filter(|place| place.end <= payload.len())
    {
        let length = (payload.len() as u16).to_be_bytes();
        let sum = match protocol {
            1 => checksum(&[&payload]),
            _ => checksum(&[&from, &to, &[0, protocol], &length, &payload]),
        };
        payload[field].copy_from_slice(&sum);
    }
    let mut packet = ipv4(from, to, protocol, &payload);
    let total = packet.len();
    let total = one_of(random, &[total, total, total, total, total - 1, 0, 19, 65_535]) as u16;
    packet[2..4].copy_from_slice(&total.to_be_bytes());
    packet[0] = one_of(random, &[0x45, 0x45, 0x45, 0x45, 0x44, 0x4f, 0x65, 0x00]);
    let fragment = one_of(random, &[[0x40, 0], [0x40, 0], [0x40, 0], [0x20, 0], [0, 100], [0x3f, 0xff]]);
    packet[6..8].copy_from_slice(&fragment);
    packet[8] = one_of(random, &[64, 64, 64, 1, 0]);
    packet[10..12].fill(0);
    let sum = checksum(&[&packet[..20]]);
    packet[10..12].copy_from_slice(&sum);
    damage(random, &mut packet);
    ([0x08, 0x00], packet)
}

/// Sometimes cuts a packet short, or changes some of its bits.
fn damage(random: &mut Random, packet: &mut Vec<u8>) {
    match random.below(6) {
        0 => packet.truncate(random.below(packet.len() as u64 + 1) as usize),
        1 => {
            for _ in 0..random.below(4) {
                let bit = random.below(8 * packet.len().min(60) as u64) as usize;
                packet[bit / 8] ^= 1 << (bit % 8);
            }
        }
        _ => {}
    }
}

#!/usr/bin/env python3
"""Makes the prompts of callcore-server: speech by espeak-ng, hold music from sines. Nothing random in it.

Needs espeak-ng and sox (Debian packages of those names). The files are committed; run this only to change them:

    python3 callcore/config/prompts/make.py

All are WAV, mono, 8000 Hz, mu-law (ITU-T G.711): what a telephone line carries anyway.
"""

import math
import pathlib
import struct
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
RATE_HZ = 8000

SPEECH = {
    "welcome": "Welcome to call core.",
    "menu": "For support, press 1. For sales, press 2. To give your customer number first, press 3. "
            "To hear this again, press star.",
    "invalid": "Sorry, that is not one of the choices.",
    "no_key": "Sorry, I did not hear a key.",
    "enter_number": "Please enter your customer number, and then press the hash key.",
    "number_wrong": "Sorry, a customer number has four to eight digits.",
    "thank_you": "Thank you.",
    "please_wait": "Please hold the line. The next free agent will be with you.",
    "busy": "All our agents are busy at the moment. Please call again later.",
    "closed": "We are closed at the moment. Please call again during office hours.",
    "goodbye": "Good bye.",
}

# a slow turn through four chords, as MIDI note numbers: C major 9, A minor 7, F major 9, G 6
CHORDS = [[48, 55, 64, 71, 74], [45, 55, 60, 64, 71], [41, 57, 60, 64, 67], [43, 55, 59, 62, 64]]
PICKED = [0, 2, 3, 4, 3, 2, 4, 3]
CHORD_SECONDS = 5.0


def mu_law(sample):
    """One 16-bit linear sample as G.711 mu-law."""
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(sample), 32635) + 132
    exponent = magnitude.bit_length() - 8
    return ~(sign | exponent << 4 | magnitude >> (exponent + 3) & 0x0F) & 0xFF


def write(name, samples):
    """A mu-law WAV file with the format, fact and data chunks the format asks for."""
    data = bytes(mu_law(sample) for sample in samples)
    fmt = struct.pack("<HHIIHHH", 7, 1, RATE_HZ, RATE_HZ, 1, 8, 0)
    body = b"WAVE" + b"fmt " + struct.pack("<I", len(fmt)) + fmt
    body += b"fact" + struct.pack("<II", 4, len(data))
    body += b"data" + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
    (HERE / f"{name}.wav").write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    print(f"{name}.wav {len(data) / RATE_HZ:.1f} s")


def speech(text):
    """The samples of a sentence, at a telephone's usual loudness, with a short rest behind it."""
    spoken = subprocess.run(["espeak-ng", "-v", "en-us+f2", "-s", "150", "-p", "45", "-g", "2", "--stdout", text],
                            check=True, capture_output=True).stdout
    raw = subprocess.run(["sox", "-D", "-q", "--ignore-length", "-t", "wav", "-", "-r", str(RATE_HZ), "-c", "1", "-b", "16", "-e",
                          "signed", "-t", "raw", "-", "highpass", "150", "norm", "-4", "pad", "0", "0.25"],
                         input=spoken, check=True, capture_output=True).stdout
    return struct.unpack(f"<{len(raw) // 2}h", raw)


def hertz(note):
    return 440.0 * 2 ** ((note - 69) / 12)


def music():
    """Twenty seconds that join their own beginning: soft chords below, single notes plucked above."""
    total = int(len(CHORDS) * CHORD_SECONDS * RATE_HZ)
    mix = [0.0] * total

    def add(start_s, length_s, note, level, shape):
        start, length = int(start_s * RATE_HZ), int(length_s * RATE_HZ)
        step = 2 * math.pi * hertz(note) / RATE_HZ
        for i in range(length):
            t = i / RATE_HZ
            wave = math.sin(step * i) + 0.25 * math.sin(2 * step * i) + 0.08 * math.sin(3 * step * i)
            mix[(start + i) % total] += level * shape(t, length_s) * wave

    def swell(t, length_s):
        return math.sin(math.pi * min(t / length_s, 1.0)) ** 0.7

    def pluck(t, _length_s):
        return math.exp(-3.2 * t) * min(t / 0.008, 1.0)

    for number, chord in enumerate(CHORDS):
        begin = number * CHORD_SECONDS
        for note in chord:
            add(begin - 0.6, CHORD_SECONDS + 1.2, note, 0.055, swell)
        for beat, which in enumerate(PICKED):
            add(begin + beat * CHORD_SECONDS / len(PICKED), 1.9, chord[which] + 12, 0.10, pluck)
    loudest = max(abs(sample) for sample in mix)
    # -13 dB below full scale at the peak: music on hold must not shout
    return [round(sample / loudest * 7300) for sample in mix]


def main():
    for name, text in SPEECH.items():
        write(name, speech(text))
    write("hold_music", music())


if __name__ == "__main__":
    main()

/**
 * The two sounds of the desk, made by the browser itself (no file): two tones 880/660 Hz for an
 * urgent case, one tone for an order nobody acknowledged. Muting ends by itself and never mutes an
 * urgent case. Each sound has its visual twin in the alert row; here nothing is shown.
 */

/** How long muting lasts. */
export const MUTE_MS = 10 * 60_000;
/** An urgent case rings again after this long, until somebody opens or acknowledges it. */
export const REPEAT_MS = 10_000;

let audio: AudioContext | null = null;

/** True once the browser lets this page sound. */
export function soundAllowed(): boolean {
  return audio?.state === "running";
}

/** Asks the browser for sound; works only from inside a click. */
export async function allowSound(): Promise<boolean> {
  try {
    audio ??= new AudioContext();
    await audio.resume();
  } catch {
    return false; // no sound device, or forbidden: the alert row is enough
  }
  return soundAllowed();
}

function tone(hertz: number, start: number, length: number): void {
  if (!audio) return;
  const at = audio.currentTime + start;
  const swing = audio.createOscillator();
  const level = audio.createGain();
  swing.frequency.value = hertz;
  // a short rise and fall: a bare start clicks
  level.gain.setValueAtTime(0, at);
  level.gain.linearRampToValueAtTime(0.25, at + 0.02);
  level.gain.setValueAtTime(0.25, at + length - 0.04);
  level.gain.linearRampToValueAtTime(0, at + length);
  swing.connect(level).connect(audio.destination);
  swing.start(at);
  swing.stop(at + length);
}

/** Sounds for a ring, if the browser allows it. */
export function sound(urgent: boolean): void {
  if (!soundAllowed()) return;
  tone(880, 0, urgent ? 0.3 : 0.4);
  if (urgent) tone(660, 0.3, 0.3);
}

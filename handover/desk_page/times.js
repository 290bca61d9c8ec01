// Times, in the shop's zone: two people looking at one conversation from two countries see the same hour.

import { language, word } from "./texts.js";

const made = new Map();

function format(zone, options) {
  const key = `${language()} ${zone} ${JSON.stringify(options)}`;
  if (!made.has(key)) {
    try {
      made.set(key, new Intl.DateTimeFormat(language(), { ...options, timeZone: zone || undefined }));
    } catch {
      // a zone this browser does not know
      made.set(key, new Intl.DateTimeFormat(language(), options));
    }
  }
  return made.get(key);
}

export const clock = (iso, zone) =>
  format(zone, { hour: "2-digit", minute: "2-digit", hour12: false }).format(new Date(iso));
export const day = (iso, zone) =>
  format(zone, { weekday: "long", day: "numeric", month: "long" }).format(new Date(iso));
export const exact = (iso, zone) =>
  format(zone, { dateStyle: "medium", timeStyle: "medium", hour12: false }).format(new Date(iso));
const dayNumber = (iso, zone) =>
  format(zone, { year: "numeric", month: "2-digit", day: "2-digit" }).format(new Date(iso));
const shortDay = (iso, zone) => format(zone, { day: "2-digit", month: "2-digit" }).format(new Date(iso));

export const sameDay = (a, b, zone) => dayNumber(a, zone) === dayNumber(b, zone);
export const brief = (iso, zone) =>
  sameDay(iso, new Date().toISOString(), zone) ? clock(iso, zone) : shortDay(iso, zone);
export const when = (iso, zone) =>
  sameDay(iso, new Date().toISOString(), zone) ? clock(iso, zone) : `${shortDay(iso, zone)} ${clock(iso, zone)}`;

export const secondsSince = (iso) => (Date.now() - new Date(iso).getTime()) / 1000;

export function span(seconds) {
  const minutes = Math.max(0, Math.floor(seconds / 60));
  if (minutes < 1) return word("lessThanAMinute");
  if (minutes < 60) return word("minutes", minutes);
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return word("days", Math.floor(hours / 24));
  return minutes % 60 && hours < 10 ? word("hoursMinutes", hours, minutes % 60) : word("hours", hours);
}

/* How large a file is, as people say it. */
export function size(bytes) {
  const unit = bytes < 1e6 ? ["kB", 1e3] : ["MB", 1e6];
  const number = Math.max(0.1, bytes / unit[1]);
  return `${number.toLocaleString(language(), { maximumFractionDigits: number < 10 ? 1 : 0 })} ${unit[0]}`;
}

/* The moment at which the shop's clock shows `hour`:00 tomorrow, found without knowing the zone's offsets. */
export function tomorrowAt(hour, zone) {
  const start = Math.ceil(Date.now() / 900000) * 900000;
  for (let moment = start; moment < start + 50 * 3600000; moment += 900000) {
    const iso = new Date(moment).toISOString();
    if (!sameDay(iso, new Date().toISOString(), zone) && clock(iso, zone) === `${String(hour).padStart(2, "0")}:00`)
      return iso;
  }
  return new Date(Date.now() + 86400000).toISOString();
}

/* The zone as people call it: "Horário de Brasília". */
export const zoneName = (zone) =>
  zone
    ? (format(zone, { timeZoneName: "longGeneric" })
        .formatToParts(new Date())
        .find((part) => part.type === "timeZoneName")?.value ?? zone)
    : "";

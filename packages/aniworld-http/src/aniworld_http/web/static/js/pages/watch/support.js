// Whether the browser can play a file, from the codecs that the library knows.

import { languageName, t } from "../../texts.js";

/** Codec strings (RFC 6381) of common profiles by the names of codecs and their decoders. */
const VIDEO = {
  h264: "avc1.640029",
  hevc: "hvc1.1.6.L120.90",
  av1: "av01.0.08M.08",
  libdav1d: "av01.0.08M.08",
  vp9: "vp09.00.41.08",
  vp8: "vp8",
  theora: "theora",
  mpeg4: "mp4v.20.9",
};
const AUDIO = {
  aac: "mp4a.40.2",
  mp3: "mp3",
  mp3float: "mp3",
  opus: "opus",
  vorbis: "vorbis",
  flac: "flac",
  ac3: "ac-3",
  eac3: "ec-3",
  dts: "dtsc",
  dca: "dtsc",
};
/** Containers that browsers play although `canPlayType` may deny it. */
const CLOSE = { "video/x-matroska": ["video/webm", "video/mp4"], "video/quicktime": ["video/mp4"] };

/**
 * Return why the browser cannot play a file; `null` if it can, or if only trying shows it.
 *
 * @param {HTMLVideoElement} video any video element.
 * @param {object} episode `media_type` and `facts` of the file.
 */
export function whyNotPlayable(video, { media_type: type, facts }) {
  const containers = [type, ...(CLOSE[type] ?? [])];
  const plays = (codec) => containers.some((each) => video.canPlayType(`${each}; codecs="${codec}"`));
  if (facts?.video_codec) {
    const codec = VIDEO[facts.video_codec];
    if (!codec || !anywhere(video, codec)) return t("watch.reason.video", { codec: facts.video_codec });
  }
  const [audio] = facts?.audio_codecs ?? [];
  if (audio) {
    const codec = AUDIO[audio];
    if (!codec || !anywhere(video, codec)) return reasonOfSound(audio, facts);
  }
  if (!containers.some((each) => video.canPlayType(each))) {
    return t("watch.reason.container", { type });
  }
  const known = [VIDEO[facts?.video_codec], AUDIO[audio]].filter(Boolean);
  // A Matroska file may hold any codec: whether it plays shows only by trying.
  if (!CLOSE[type] && known.some((codec) => !plays(codec))) {
    return t("watch.reason.container", { type });
  }
  return null;
}

function anywhere(video, codec) {
  return ["video/mp4", "video/webm", "video/ogg"].some((each) => video.canPlayType(`${each}; codecs="${codec}"`));
}

function reasonOfSound(codec, facts) {
  const [language] = facts.audio_languages;
  const name = language && language !== "und" ? languageName(language) : "";
  return name ? t("watch.reason.audio_of", { codec, language: name }) : t("watch.reason.audio", { codec });
}

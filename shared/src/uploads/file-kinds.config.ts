import { type ConfigWithChecks, Env } from '../config/index.js';
import type { MediaKind } from '../contracts/index.js';
import { type FileTypeName, typesOfKind } from '../media/index.js';

const BYTES_PER_MB = 2 ** 20;

/** The types that are accepted of a kind; without the setting, all that there are. */
const Types = (kind: MediaKind, files: string): PropertyDecorator =>
  Env({
    name: `FILES_${kind}_TYPES`,
    type: 'list',
    default: typesOfKind(kind),
    min: 1,
    description: `The types of ${files} that are accepted, separated by commas; the default has all that can be`,
  });

const MaxMb = (kind: MediaKind, value: number, max: number, file: string): PropertyDecorator =>
  Env({ name: `FILES_MAX_${kind}_MB`, type: 'int', default: value, min: 1, max, description: `The largest ${file}, in MB of 2^20 bytes` });

/** Which files are accepted of each kind: their types, and how large they may be. */
export class FileKindsConfig implements ConfigWithChecks {
  @MaxMb('IMAGE', 10, 100, 'image')
  maxImageMb: number;

  @MaxMb('VIDEO', 100, 2000, 'video')
  maxVideoMb: number;

  @MaxMb('AUDIO', 25, 2000, 'audio file')
  maxAudioMb: number;

  @MaxMb('VOICE_MESSAGE', 25, 100, 'voice message')
  maxVoiceMessageMb: number;

  @MaxMb('DOCUMENT', 25, 2000, 'document')
  maxDocumentMb: number;

  @Types('IMAGE', 'images')
  imageTypes: FileTypeName[];

  @Types('VIDEO', 'videos')
  videoTypes: FileTypeName[];

  @Types('AUDIO', 'audio files')
  audioTypes: FileTypeName[];

  @Types('VOICE_MESSAGE', 'voice messages')
  voiceMessageTypes: FileTypeName[];

  @Types('DOCUMENT', 'documents')
  documentTypes: FileTypeName[];

  /** The accepted types and the largest size of a kind. */
  limitsOf(kind: MediaKind): { types: readonly FileTypeName[]; maxBytes: number } {
    const [types, maxMb] = this.#settingsOf(kind);
    return { types, maxBytes: maxMb * BYTES_PER_MB };
  }

  validate(): string[] {
    return (['IMAGE', 'VIDEO', 'AUDIO', 'VOICE_MESSAGE', 'DOCUMENT'] as const).flatMap((kind) => {
      const possible: string[] = typesOfKind(kind);
      const unknown = this.limitsOf(kind).types.filter((type) => !possible.includes(type));
      return unknown.map((type) => `FILES_${kind}_TYPES has ${JSON.stringify(type)}, which is none of ${possible.join(', ')}`);
    });
  }

  #settingsOf(kind: MediaKind): [FileTypeName[], number] {
    switch (kind) {
      case 'IMAGE':
        return [this.imageTypes, this.maxImageMb];
      case 'VIDEO':
        return [this.videoTypes, this.maxVideoMb];
      case 'AUDIO':
        return [this.audioTypes, this.maxAudioMb];
      case 'VOICE_MESSAGE':
        return [this.voiceMessageTypes, this.maxVoiceMessageMb];
      case 'DOCUMENT':
        return [this.documentTypes, this.maxDocumentMb];
    }
  }
}

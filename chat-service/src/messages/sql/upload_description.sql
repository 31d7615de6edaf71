-- An upload as messages and their events describe it: FileDescription of shared/src/contracts. It has no URL, as these expire.
create or replace function upload_description(p_upload uploads) returns jsonb
language sql stable as $$
  select jsonb_build_object('id', p_upload.id, 'kind', p_upload.kind, 'fileName', p_upload.file_name, 'mimeType', p_upload.mime_type,
    'sizeBytes', p_upload.size_bytes, 'width', p_upload.width, 'height', p_upload.height, 'durationSeconds', p_upload.duration_seconds,
    'waveform', p_upload.waveform, 'createdAt', rfc3339(p_upload.created_at))
$$;

import jsQR from 'jsqr';

/** Pixels along the longer side: more only makes the search slower. */
const LARGEST = 1600;

/** The text of the code that a picture shows; undefined when there is none. */
export async function codeIn(picture: Blob): Promise<string | undefined> {
  const bitmap = await createImageBitmap(picture);
  const scale = Math.min(1, LARGEST / Math.max(bitmap.width, bitmap.height));
  return codeOf(bitmap, Math.round(bitmap.width * scale), Math.round(bitmap.height * scale));
}

/** The same for whatever can be drawn. */
export function codeOf(source: CanvasImageSource, width: number, height: number): string | undefined {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context || !width || !height) return undefined;
  context.drawImage(source, 0, 0, width, height);
  return jsQR(context.getImageData(0, 0, width, height).data, width, height)?.data;
}

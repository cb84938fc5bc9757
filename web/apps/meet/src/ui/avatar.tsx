// A person without a picture: the first letter on a colour that stays the same for the name.

const HUES = 6;

export function Avatar({ name }: { name: string }) {
  const hue = [...name].reduce((sum, character) => sum + (character.codePointAt(0) ?? 0), 0) % HUES;
  return (
    <span className="avatar" data-hue={hue} aria-hidden="true">
      {[...name.trim()][0]?.toUpperCase() ?? "?"}
    </span>
  );
}

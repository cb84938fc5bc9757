// The name that others see.

interface NameFieldProps {
  name: string;
  onName: (name: string) => void;
}

export function NameField({ name, onName }: NameFieldProps) {
  return (
    <label>
      Your name
      <input
        value={name}
        maxLength={64}
        autoComplete="name"
        placeholder="Guest"
        onChange={(event) => onName(event.target.value)}
      />
    </label>
  );
}

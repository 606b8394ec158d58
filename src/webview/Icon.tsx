/** An icon of VS Code's own set; the words beside it, or the button around it, say what it means. */
export const Icon = ({ name }: { name: string }) => <span class={`codicon codicon-${name}`} aria-hidden="true" />;

interface IconButtonProps {
  icon: string;
  label: string;
  isPressed?: boolean;
  onClick: () => void;
}

export const IconButton = ({ icon, label, isPressed, onClick }: IconButtonProps) => (
  <button
    type="button"
    class="icon-button"
    title={label}
    aria-label={label}
    {...(isPressed === undefined ? {} : { "aria-pressed": isPressed })}
    onClick={onClick}
  >
    <Icon name={icon} />
  </button>
);

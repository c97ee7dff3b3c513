/* A double click where one click would do: the second half of it must not press what came into the place of the first
   button, such as Stop in that of Ask, or “Really remove” in that of “Remove”. */

export function clicks() {
  let pressed = null;
  const look = (event) => {
    const button = event.target.closest?.("button");
    const meant = event.detail < 2 || !button || button === pressed;
    pressed = button;
    if (meant) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  document.addEventListener("click", look, true);
}

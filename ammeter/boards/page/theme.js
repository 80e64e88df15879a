// Dark or light, before anything is painted: as the address, the last choice or the system wants it.

globalThis.preferredTheme = () =>
  new URLSearchParams(location.search).get("theme") ?? localStorage.getItem("theme") ?? (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");
document.documentElement.dataset.theme = preferredTheme();

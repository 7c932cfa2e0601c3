fetch("/api/time")
  .then((answer) => answer.json())
  .then((time) => (document.querySelector("output").textContent = `${time.seconds} s`));

// Marks the page as able to run scripts before it is drawn, so nothing jumps. A file, because no inline script
// passes our content security policy.
document.body.className += " js-enabled" + ("noModule" in HTMLScriptElement.prototype ? " nhsuk-frontend-supported" : "");

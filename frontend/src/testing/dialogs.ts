/** The document of the tests has no dialogs: this is as much of them as the client's behaviour rests on. */
HTMLDialogElement.prototype.show = function () {
  this.open = true;
};

HTMLDialogElement.prototype.showModal = function () {
  this.open = true;
  this.setAttribute('aria-modal', 'true');
};

HTMLDialogElement.prototype.close = function () {
  if (!this.open) return;
  this.open = false;
  this.dispatchEvent(new Event('close'));
};

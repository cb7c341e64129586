"""The usual words of the trade for what our knobs are called, such as learning_rate for lr."""

# word -> the knob that it means here
KNOB_WORDS = {
    word: knob
    for knob, words in {
        "lr": "learning_rate eta step_size learningrate",
        "width": "hidden hidden_size hidden_units units neurons hidden_dim hidden_layer_sizes",
        "depth": "layers n_layers num_layers hidden_layers",
        "activation": "act activation_function nonlinearity",
        "l2": "weight_decay wd penalty decay regularization",
        "stop": "early_stopping early_stop",
        "stop_at": "patience tol tolerance",
        "test_fraction": "test_size test_split val_size validation_split validation_fraction",
        "batch_size": "batch bs batchsize minibatch",
        "epochs": "epoch n_epochs num_epochs max_epochs max_iter iterations steps",
        "optimizer": "opt optim optimiser solver",
        "init": "initializer initialization initialisation weight_init",
        "loss": "criterion loss_function cost",
        "scaling": "normalize normalization standardize scaler scale preprocessing",
        "seed": "random_state random_seed",
        "seeds": "n_seeds repeats n_runs",
        "dataset": "data",
        "model": "net network estimator arch",
        "measure": "metric metrics diagnostics",
        "n_samples": "samples n_examples train_size",
        "bias": "fit_intercept intercept use_bias",
        "executor.workers": "n_jobs jobs workers",
        "tracking.uri": "store uri",
    }.items()
    for word in words.split()
}

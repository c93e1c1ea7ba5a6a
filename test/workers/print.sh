# Prints what start_server told it, and waits for its end.
echo "ports '${SERVER_STARTER_PORT-unset}' generation '${SERVER_STARTER_GENERATION-unset}'"
exec sleep 100000

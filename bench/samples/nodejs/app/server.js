const express = require('express');

const app = express();
app.get('/', (request, response) => response.send('Hello 0\n'));
app.listen(process.env.PORT || 8080);
